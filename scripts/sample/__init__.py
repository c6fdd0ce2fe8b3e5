"""How the embedded sample of Jiaxing is made: real boundaries, everything else generated."""
