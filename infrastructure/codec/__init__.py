"""How events and views become bytes, and bytes become events and views. No storage."""
