"""How far annotators agree: coefficients, overlap of spans, matched critiques, and their intervals. Pure."""
