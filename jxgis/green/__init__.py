"""Green cover, trees, parks and wetlands, and how sure their figures are."""
