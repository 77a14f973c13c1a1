"""The event store on EventStoreDB or KurrentDB, from 23.10 on. Nothing else imports its client."""

import os

# gRPC writes lines of its own to stderr, which carries one JSON object a line. It looks for this
# once, when it is imported; what goes wrong is reported by its exceptions as well.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
