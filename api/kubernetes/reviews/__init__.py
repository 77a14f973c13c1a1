"""Reviews: what somebody may do here, and who they are. They are answered and not kept."""
