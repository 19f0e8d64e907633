"""Words for made-up pages: of each article of the sample pages with 80 words or more its language, title and words, a line each,
with tabs between. What would have to be escaped in JSON or HTML is left out."""

import json
import re
import sys

for line in open(sys.argv[1], encoding="utf-8"):
    article = json.loads(line)
    text = article.get("text", "")
    words = re.sub(r"[\\\"<>&\t]|[\x00-\x1f]+", " ", text).split()
    title = re.sub(r"[\\\"<>&\t]|[\x00-\x1f]+", " ", article.get("title", "")).split()
    if article["outcome"] == "article" and title and len(words) >= 80:
        print(article["language"]["code"], " ".join(title), " ".join(words[:400]), sep="\t")
