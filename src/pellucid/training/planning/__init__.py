"""From what the user named to a plan: images read and divided, the machine measured."""
