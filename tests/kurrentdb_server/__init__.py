"""A server that speaks EventStoreDB's protocol, for tests: the real client talks to it over TCP.

It proves how the client is used, not how a real server behaves; what it does follows the
documented semantics of servers from 23.10 on. Faults are switched on from outside.
"""
