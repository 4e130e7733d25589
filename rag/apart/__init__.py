"""Files that may be made to do harm, each read by a process of its own with little memory and time."""
