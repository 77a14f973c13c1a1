"""Documents: writing, reading and watching them, and the namespaces that they and labs are in."""
