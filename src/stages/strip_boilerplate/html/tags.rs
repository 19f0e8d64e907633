//! Names of elements, and how they behave.

/// Kinds of element that the reader tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Tag {
    #[default]
    Other,
    Custom,
    A,
    Span,
    Emphasis,
    Time,
    Label,
    Button,
    Cite,
    Br,
    Void,
    Meta,
    Link,
    Base,
    Title,
    Head,
    Body,
    Html,
    P,
    Div,
    Section,
    Article,
    Main,
    Header,
    Footer,
    Nav,
    Aside,
    H1,
    H2,
    H3,
    H4,
    H5,
    H6,
    Ul,
    Ol,
    Li,
    Dl,
    Dt,
    Dd,
    Table,
    TableBody,
    Tr,
    Td,
    Th,
    Caption,
    Blockquote,
    Figure,
    Figcaption,
    Pre,
    Form,
    Fieldset,
    Dialog,
    Details,
    Summary,
    Select,
    Option,
    Block,
    Script,
    Raw,
    Svg,
    Template,
}

/// Number of kinds.
pub const TAGS: usize = Tag::Template as usize + 1;

impl Tag {
    /// The kind of element of that name, in any case.
    pub fn of(name: &[u8]) -> Self {
        let mut lower = [0u8; 12];
        let Some(buffer) = lower.get_mut(..name.len()) else {
            return if memchr::memchr(b'-', name).is_some() { Self::Custom } else { Self::Other };
        };
        buffer.copy_from_slice(name);
        buffer.make_ascii_lowercase();
        match &*buffer {
            b"a" => Self::A,
            b"p" => Self::P,
            b"div" => Self::Div,
            b"span" => Self::Span,
            b"li" => Self::Li,
            b"ul" | b"menu" | b"dir" => Self::Ul,
            b"ol" => Self::Ol,
            b"b" | b"strong" | b"em" | b"i" => Self::Emphasis,
            b"br" => Self::Br,
            b"img" | b"input" | b"source" | b"hr" | b"wbr" | b"area" | b"col" | b"embed" | b"param"
            | b"track" | b"keygen" => Self::Void,
            b"meta" => Self::Meta,
            b"link" => Self::Link,
            b"base" => Self::Base,
            b"title" => Self::Title,
            b"head" => Self::Head,
            b"body" => Self::Body,
            b"html" => Self::Html,
            b"section" => Self::Section,
            b"article" => Self::Article,
            b"main" => Self::Main,
            b"header" => Self::Header,
            b"footer" => Self::Footer,
            b"nav" => Self::Nav,
            b"aside" => Self::Aside,
            b"h1" => Self::H1,
            b"h2" => Self::H2,
            b"h3" => Self::H3,
            b"h4" => Self::H4,
            b"h5" => Self::H5,
            b"h6" => Self::H6,
            b"dl" => Self::Dl,
            b"dt" => Self::Dt,
            b"dd" => Self::Dd,
            b"table" => Self::Table,
            b"tbody" | b"thead" | b"tfoot" => Self::TableBody,
            b"tr" => Self::Tr,
            b"td" => Self::Td,
            b"th" => Self::Th,
            b"caption" => Self::Caption,
            b"blockquote" => Self::Blockquote,
            b"figure" => Self::Figure,
            b"figcaption" => Self::Figcaption,
            b"pre" | b"listing" => Self::Pre,
            b"form" => Self::Form,
            b"fieldset" | b"legend" => Self::Fieldset,
            b"dialog" => Self::Dialog,
            b"details" => Self::Details,
            b"summary" => Self::Summary,
            b"select" | b"datalist" => Self::Select,
            b"option" | b"optgroup" => Self::Option,
            b"center" | b"address" | b"hgroup" | b"noindex" => Self::Block,
            b"time" => Self::Time,
            b"label" => Self::Label,
            b"button" => Self::Button,
            b"cite" => Self::Cite,
            b"script" => Self::Script,
            b"style" | b"noscript" | b"iframe" | b"noframes" | b"noembed" | b"textarea" | b"xmp"
            | b"object" | b"video" | b"audio" | b"canvas" => Self::Raw,
            b"svg" => Self::Svg,
            b"template" => Self::Template,
            other if memchr::memchr(b'-', other).is_some() => Self::Custom,
            _ => Self::Other,
        }
    }

    /// Whether it starts and ends a block.
    pub fn is_block(self) -> bool {
        (Self::P as u8..=Self::Block as u8).contains(&(self as u8)) || matches!(self, Self::Body | Self::Html)
    }

    /// Whether it is one of `<h1>` to `<h6>`.
    pub fn heading_level(self) -> u8 {
        match self {
            Self::H1 => 1,
            Self::H2 => 2,
            Self::H3 => 3,
            Self::H4 => 4,
            Self::H5 => 5,
            Self::H6 => 6,
            _ => 0,
        }
    }

    /// Whether the reader keeps it on the stack of open elements. Plain inline elements are counted
    /// only, so that unclosed ones cost nothing.
    pub fn is_stacked(self) -> bool {
        self.is_block()
            || matches!(
                self,
                Self::A
                    | Self::Span
                    | Self::Time
                    | Self::Label
                    | Self::Button
                    | Self::Custom
                    | Self::Template
            )
    }
}
