"""Which guideline holds for a finding, what is known of it, and what the guideline then proposes."""
