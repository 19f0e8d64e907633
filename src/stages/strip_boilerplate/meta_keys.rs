//! Names of meta elements that date a page or sign it.

/// How far a date of this name is trusted to be that of the publication (less is more).
pub fn date_rank(key: &str) -> Option<u8> {
    Some(match key {
        "article:published_time"
        | "og:article:published_time"
        | "og:published_time"
        | "article:published"
        | "bt:pubdate" => 0,
        "datepublished" => 1,
        "parsely-pub-date"
        | "sailthru.date"
        | "pubdate"
        | "publishdate"
        | "publish-date"
        | "publish_date"
        | "published_time"
        | "publication_date"
        | "publicationdate"
        | "dc.date.issued"
        | "dcterms.issued"
        | "dcterms.created"
        | "dc.date.created"
        | "dc.date.published"
        | "article.published"
        | "article_date_original"
        | "originalpublicationdate"
        | "date_published"
        | "cxenseparse:recs:publishtime"
        | "cxenseparse:publishtime"
        | "citation_publication_date"
        | "citation_online_date"
        | "displaydate"
        | "rnews:datepublished"
        | "published"
        | "release_date"
        | "shareaholic:article_published_time"
        | "dcsext.articlefirstpublished"
        | "vr:published_time"
        | "gentime"
        | "cxenseparse:recs:articlepublishtime" => 2,
        "date" | "dc.date" | "dc:date" | "dc:created" | "pub_date" | "dcterms.date" | "created"
        | "datecreated" | "dc.created" | "article:created" => 3,
        _ => return None,
    })
}

/// Whether a meta element of this name names an author.
pub fn is_author_key(key: &str) -> bool {
    matches!(
        key,
        "author"
            | "article:author"
            | "parsely-author"
            | "sailthru.author"
            | "dc.creator"
            | "dcterms.creator"
            | "byl"
            | "article:author_name"
            | "citation_author"
            | "cxenseparse:author"
            | "og:article:author"
            | "author_name"
            | "shareaholic:article_author_name"
            | "rbauthors"
            | "dcsext.author"
            | "article.author"
            | "dc.contributor"
            | "creator"
            | "twitter:data1_author"
    )
}
