"""The scale of a lab, for clients that know no other way to stop one."""
