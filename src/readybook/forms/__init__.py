"""The forms in JupyterLab: one widget, its sessions, and the messages between them.

An answer is acknowledged only when it is on disk.
What a change does to a file is for `edit`.
"""
