# Made-up pages, endless or `count` of them, `rate` a second: messages in JSON, a line each.
#
#   awk -v rate=20 -v count=0 -v seed=1 -f pages.awk words.tsv
#
# A new article is the words of a sample article in another order. Of a hundred pages some 65 are new articles, 15 the same
# bytes as an earlier page, 8 nearly the same text under another title, 4 the same URL with a changed text, 5 a picture without a text, and 3
# no page message at all.
BEGIN { FS = "\t"; if (seed == "") seed = 1; srand(seed) }
{ title[NR] = $2; words[NR] = $3 }

function page(url, head, text) {
    return sprintf("{\"url\": \"%s\", \"content_type\": \"text/html; charset=utf-8\", \"body\": \"<html><head><title>%s</title></head><body>" \
        "<article><h1>%s</h1>%s</article></body></html>\"}", url, head, head, text)
}

# The words of sample article `at`, shuffled, as paragraphs of 40.
function shuffled(at,    list, n, i, j, kept, out) {
    n = split(words[at], list, " ")
    for (i = n; i > 1; i--) { j = 1 + int(rand() * i); kept = list[i]; list[i] = list[j]; list[j] = kept }
    out = "<p>"
    for (i = 1; i <= n; i++) out = out list[i] (i % 40 == 0 && i < n ? ".</p><p>" : " ")
    return out ".</p>"
}

END {
    for (number = 1; count == 0 || number <= count; number++) {
        at = 1 + int(rand() * NR)
        draw = rand() * 100
        old = known > 0 ? 1 + int(rand() * (known < 200 ? known : 200)) : 0
        url = "https://demo.example/" int(rand() * 1000000) "/" number
        if (draw < 3) print "{\"url\": \"" url "\", \"body\": 0}"
        else if (draw < 8) print page(url, "", "<img src='/" number ".jpg'>")
        else if (draw < 23 && old) print sent[old]
        else if (draw < 31 && old) print page(url, "Update: " heads[old], texts[old] "<p>" title[at] ".</p>")
        else if (draw < 35 && old) print page(urls[old], heads[old], texts[old] "<p>" title[at] ".</p>")
        else {
            place = 1 + known % 200
            known++
            urls[place] = url; heads[place] = title[at]; texts[place] = shuffled(at)
            sent[place] = page(url, title[at], texts[place])
            print sent[place]
        }
        if (rate > 0 && number % rate == 0) { fflush(); system("sleep 1") }
    }
}
