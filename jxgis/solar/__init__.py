"""Photovoltaics: where they may stand, the zones that reach a capacity, and what they yield."""
