//! The XML of AWS as a tree that can be read and rewritten.

use std::fmt::Display;

use anyhow::Context as _;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

/// An element. It has either children or text: AWS mixes them nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    /// An element of elements.
    pub(crate) fn tree(name: &str, children: impl IntoIterator<Item = Self>) -> Self {
        let children = children.into_iter().collect();
        Self { name: name.to_owned(), children, ..Self::default() }
    }

    /// An element of text.
    pub(crate) fn leaf(name: &str, text: impl Display) -> Self {
        Self { name: name.to_owned(), text: text.to_string(), ..Self::default() }
    }

    /// Reads a document.
    pub(crate) fn parse(document: &str) -> anyhow::Result<Self> {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event()? {
                Event::Start(start) => open.push(begin(&start)?),
                Event::Empty(start) => last(&mut open)?.children.push(begin(&start)?),
                Event::Text(text) => last(&mut open)?.text.push_str(&text),
                Event::GeneralRef(entity) => {
                    let resolved = match entity.resolve_char_ref()? {
                        Some(character) => character.to_string(),
                        None => resolve_predefined_entity(&entity)
                            .context("an entity that XML does not know")?
                            .to_owned(),
                    };
                    last(&mut open)?.text.push_str(&resolved);
                }
                Event::End(_) => {
                    let mut closed = open.pop().context("an end without a start")?;
                    if !closed.children.is_empty() {
                        closed.text.clear();
                    }
                    last(&mut open)?.children.push(closed);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        anyhow::ensure!(open.len() == 1, "the document ends within an element");
        open.remove(0).children.into_iter().next().context("an empty document")
    }

    /// Writes a document.
    pub(crate) fn document(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        self.write(&mut writer).expect("memory takes everything");
        String::from_utf8(writer.into_inner()).expect("all of it was text")
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let mut start = BytesStart::new(self.name.as_str());
        if let Some(namespace) = &self.namespace {
            start.push_attribute(("xmlns", namespace.as_str()));
        }
        writer.write_event(Event::Start(start))?;
        if self.children.is_empty() {
            writer.write_event(Event::Text(BytesText::new(&self.text)))?;
        }
        for child in &self.children {
            child.write(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(self.name.as_str())))
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of this name, to be changed.
    pub(crate) fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// The text of the first child of this name; empty when there is none.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }

    /// The first element of this name at any depth.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The children of the first element of this name.
    pub(crate) fn items(&self, name: &str) -> &[Self] {
        self.find(name).map_or(&[], |list| &list.children)
    }

    /// Puts an element in the place of the one of its name, or adds it.
    pub(crate) fn set(&mut self, element: Self) {
        match self.child_mut(&element.name) {
            Some(old) => *old = element,
            None => self.children.push(element),
        }
    }

    /// Removes the children of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.children.retain(|child| child.name != name);
    }
}

fn begin(start: &BytesStart<'_>) -> anyhow::Result<Element> {
    let name = start.local_name().into_inner().to_owned();
    let namespace = start.try_get_attribute("xmlns")?;
    let namespace = namespace.map(|it| it.value.into_owned());
    Ok(Element { name, namespace, ..Element::default() })
}

fn last(open: &mut [Element]) -> anyhow::Result<&mut Element> {
    open.last_mut().context("an end too many")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_again() {
        let text =
            r#"<R xmlns="urn:x"><Set><item><id>a &amp; b&lt;</id></item><item></item></Set></R>"#;
        let root = Element::parse(text).unwrap();
        assert_eq!(root.items("Set").len(), 2);
        assert_eq!(root.items("Set")[0].text_of("id"), "a & b<");
        assert_eq!(Element::parse(&root.document()).unwrap(), root);
        let spaced = format!("<?xml version=\"1.0\"?>\n{}\n", text.replace("><", ">\n  <"));
        assert_eq!(Element::parse(&spaced).unwrap().items("Set")[0].text_of("id"), "a & b<");
    }

    #[test]
    fn what_is_no_xml_is_an_error() {
        for text in ["", "<a>", "</a>", "<a></b>", "no xml", "<a>&nbsp;</a>"] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_child_is_replaced_added_and_removed() {
        let mut root = Element::tree("a", [Element::leaf("b", 1)]);
        root.set(Element::leaf("b", 2));
        root.set(Element::leaf("c", 3));
        assert_eq!((root.text_of("b"), root.text_of("c"), root.children.len()), ("2", "3", 2));
        root.remove("b");
        assert_eq!(root.text_of("b"), "");
    }
}
