"""The pipeline that a user would write in Python of what there is: page messages in, a line of JSON for each out.

trafilatura for text and fields, py3langid for the language, datasketch's MinHash and LSH for near-duplicates, a linear
classifier of scikit-learn on word and character n-grams for the topics. Written as their manuals show them, without
Kafka: that costs newsmill no less.

    python_pipeline.py fit ARTICLES MODEL        fits the classifier: on newsmill's own answers, so that it has its topics;
                                                 how good it is plays no part here, what it costs does not depend on it
    python_pipeline.py run MODEL < pages > records
"""

import json
import pickle
import sys


def fit(articles, model):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline, make_union

    texts, topics = [], []
    with open(articles, encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record.get("topics") and record.get("text"):
                texts.append(f"{record.get('title', '')}\n{record['text']}")
                topics.append(record["topics"][0]["code"])
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), max_features=200_000)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=200_000)
    classifier = make_pipeline(make_union(words, letters), SGDClassifier(loss="log_loss", random_state=1))
    classifier.fit(texts, topics)
    with open(model, "wb") as file:
        pickle.dump(classifier, file)


def shingles(text):
    words = text.lower().split()
    return {" ".join(words[i : i + 4]).encode() for i in range(max(1, len(words) - 3))}


def run(model):
    import py3langid
    import trafilatura
    from datasketch import MinHash, MinHashLSH

    with open(model, "rb") as file:
        classifier = pickle.load(file)
    index = MinHashLSH(threshold=0.5, num_perm=128)
    for number, line in enumerate(sys.stdin):
        page = json.loads(line)
        found = trafilatura.bare_extraction(page["body"], url=page.get("url"), with_metadata=True)
        record = {"outcome": "rejected", "url": page.get("url")}
        if found is not None and found.text:
            sketch = MinHash(num_perm=128)
            sketch.update_batch(shingles(found.text))
            repeats = index.query(sketch)
            if repeats:
                record |= {"outcome": "duplicate", "of": repeats[0]}
            else:
                index.insert(str(number), sketch)
                record["outcome"] = "article"
            language, _ = py3langid.classify(found.text)
            scores = classifier.predict_proba([f"{found.title or ''}\n{found.text}"])[0]
            best = scores.argmax()
            record |= {
                "title": found.title,
                "author": found.author,
                "date": found.date,
                "language": {"code": language},
                "topics": [{"code": str(classifier.classes_[best]), "score": float(scores[best])}],
                "text": found.text,
            }
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    {"fit": fit, "run": run}[sys.argv[1]](*sys.argv[2:])
