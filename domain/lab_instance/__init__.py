"""The LabInstance aggregate: resource, commands, facts, decisions and policy."""
