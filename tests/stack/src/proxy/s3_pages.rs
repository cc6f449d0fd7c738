//! Small pages of S3.

use http::Uri;

/// A listing that asks for at most so many items; anything else as it is.
pub(super) fn force(uri: &Uri, items: usize) -> Option<Uri> {
    let query = uri.query()?;
    let keys: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let is_listing = |key: &&&str| ["list-type", "versions", "uploads"].contains(*key);
    let size = if *keys.iter().find(is_listing)? == "uploads" { "max-uploads" } else { "max-keys" };
    let others = query.split('&').filter(|pair| pair.split('=').next() != Some(size));
    let query = others.chain([format!("{size}={items}").as_str()]).collect::<Vec<_>>().join("&");
    format!("{}?{query}", uri.path()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listings_are_asked_for_less() {
        let force = |uri: &'static str| force(&Uri::from_static(uri), 2).map(|uri| uri.to_string());
        assert_eq!(
            force("/b?list-type=2&max-keys=9&prefix=p").unwrap(),
            "/b?list-type=2&prefix=p&max-keys=2"
        );
        assert_eq!(force("/b?uploads").unwrap(), "/b?uploads&max-uploads=2");
        assert_eq!(
            (force("/b?tagging"), force("/b/key"), force("/b?prefix=list-type")),
            (None, None, None)
        );
    }
}
