"""What a layer makes of pictures: its maps, its filters, what excites it, what it does not use."""
