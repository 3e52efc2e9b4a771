"""Why a number is what it is, or is not there: how far the rows of a rule come, and samples of them."""
