"""The frozen vocabulary: what a bank, a case, a register, a finding and a result are.

Errors and the words for levels and dates live here too.
It imports nothing of ours above it, opens no file and decides nothing.
"""
