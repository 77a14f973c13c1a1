"""What stands beside the metadata of a checkpoint, as OpenAPI has it."""

from api.labs.schemas import Schema

CHECKPOINT_PROPERTIES: Schema = {
    "origin": {"type": "string", "description": "The name of the log, by its first event."},
    "size": {"type": "integer", "format": "int64", "description": "How many events it held."},
    "root": {"type": "string", "description": "The root of the tree over them, in base64."},
    "note": {"type": "string", "description": "What was signed, as a C2SP signed note."},
    "proof": {
        "type": "array",
        "items": {"type": "string"},
        "description": "That the tree begins with that of the size in provenFrom.",
    },
}
