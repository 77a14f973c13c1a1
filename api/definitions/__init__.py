"""The CustomResourceDefinition of labs, for clients that look for one."""
