"""Reading what the checks found: how sure it is, repeated pictures, text by size, alarms."""
