//! Parts of files, as RFC 9110 asks for them.

use std::ops::Range;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it: no range, several ones, or words that are none, which a server may pass over.
    All,
    /// A part that is there.
    Part(Range<u64>),
    /// Nothing that is there.
    Outside,
}

/// What the header `Range` asks for of a file of so many bytes.
pub fn asked(header: Option<&str>, size: u64) -> Asked {
    let Some((first, last)) = header.and_then(|words| words.strip_prefix("bytes=")?.split_once('-')) else {
        return Asked::All;
    };
    // Digits only: a sign would be read as part of a number, too.
    let number = |words: &str| words.bytes().all(|digit| digit.is_ascii_digit()).then(|| words.parse::<u64>().ok())?;
    let part = match (first, last) {
        ("", length) => match number(length) {
            Some(length) => size.saturating_sub(length)..size,
            None => return Asked::All,
        },
        (first, "") => match number(first) {
            Some(first) => first..size,
            None => return Asked::All,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
            _ => return Asked::All,
        },
    };
    if part.is_empty() { Asked::Outside } else { Asked::Part(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard() {
        let of = |header| asked(Some(header), 100);
        assert_eq!(of("bytes=0-0"), Asked::Part(0..1));
        assert_eq!(of("bytes=10-"), Asked::Part(10..100));
        assert_eq!(of("bytes=10-500"), Asked::Part(10..100));
        assert_eq!(of("bytes=-10"), Asked::Part(90..100));
        assert_eq!(of("bytes=-500"), Asked::Part(0..100));
        assert_eq!(of("bytes=0-18446744073709551615"), Asked::Part(0..100));
        for outside in ["bytes=100-", "bytes=-0", "bytes=100-200"] {
            assert_eq!(of(outside), Asked::Outside, "{outside}");
        }
        for all in ["", "bytes=", "bytes=5-2", "bytes=a-b", "bytes=+1-2", "bytes=0-1,3-4", "lines=0-1", "bytes=-"] {
            assert_eq!(of(all), Asked::All, "{all}");
        }
        assert_eq!(asked(None, 100), Asked::All);
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Outside);
    }
}
