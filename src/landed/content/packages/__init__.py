"""What a build installs: what is asked for, what the lock says, and what the image has."""
