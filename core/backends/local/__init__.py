"""Backends that hold a model's weights on this machine. Hosted models get a folder beside this one."""
