"""The compiled scan of a byte stream for KLV sets; `atalaya.klv.framer` is its only caller."""
