"""How bytes reach us and leave: MLLP, HTTP clients. No meaning, only connections."""
