"""Charging stations: expressways audited, one kind sited, all kinds and years planned at once."""
