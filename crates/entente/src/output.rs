//! What verbs print: a result on standard output, in words or as JSON; progress on standard error.

use std::{
    fmt::{self, Display},
    io::{self, Write},
};

use jiff::Timestamp;
use serde::Serialize;
use transax::Side;
use units::{Money, Price};

/// Where results and progress go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// JSON, or words.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a verb's result. A reader that closed the pipe has had enough, which is no failure.
    pub fn result<R: Serialize + Display>(self, result: &R) -> io::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(result)? } else { result.to_string() };
        print(&text)
    }

    /// Prints one of many results, on a line of its own.
    pub fn line<R: Serialize + Display>(self, result: &R) -> io::Result<()> {
        let text = if self.json { serde_json::to_string(result)? } else { result.to_string() };
        print(&text)
    }

    /// Says what is being done; not beside JSON.
    pub fn progress(self, what: impl Display) {
        if !self.json {
            // Progress that nobody can read is no failure either.
            let _ = writeln!(io::stderr(), "{what}");
        }
    }

    /// Whether results are JSON.
    pub const fn is_json(self) -> bool {
        self.json
    }
}

/// Prints a result that has a form of its own, JSON or not. Whoever reads no more need not be told more.
pub fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// An amount of a token with so many decimals, in whole tokens.
pub fn tokens(amount: Money, decimals: u8) -> String {
    signed_tokens(i128::try_from(amount.0).unwrap_or(i128::MAX), decimals)
}

/// Like [`tokens`], of what may be owed either way.
pub fn signed_tokens(amount: i128, decimals: u8) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let scale = 10_u128.checked_pow(decimals.into()).unwrap_or(u128::MAX);
    let (whole, fraction) = (amount.unsigned_abs() / scale, amount.unsigned_abs() % scale);
    let fraction = format!("{fraction:0width$}", width = usize::from(decimals));
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{digits}"),
    }
}

/// A price in whole tokens per kWh.
pub fn price(price: Price, decimals: u8) -> String {
    tokens(Money(price.0.into()), decimals)
}

/// A time as people read it, UTC.
pub fn time(unix_seconds: u64) -> String {
    let time = i64::try_from(unix_seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| format!("second {unix_seconds}"), |time| time.to_string())
}

/// How long, as people read it.
pub fn duration(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// A side's verb.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Sell => "sell",
        Side::Buy => "buy",
    }
}

/// Rows under a header, in columns; the first one aligned left, the others right.
pub struct Table<'a> {
    header: &'a [&'a str],
    rows: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    /// A table without rows.
    pub fn new(header: &'a [&'a str]) -> Self {
        Self { header, rows: Vec::new() }
    }

    /// Adds a row, with as many cells as the header.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain(self.header.get(column).map(|cell| cell.len())).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..self.header.len()).map(width).collect();
        let header: Vec<_> = self.header.iter().map(ToString::to_string).collect();
        for row in std::iter::once(&header).chain(&self.rows) {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                match column {
                    0 => write!(f, "  {cell:<width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_printed_in_tokens() {
        assert_eq!(tokens(Money(2_500_000), 6), "2.5");
        assert_eq!(tokens(Money(7), 6), "0.000007");
        assert_eq!(tokens(Money(7), 0), "7");
        assert_eq!(signed_tokens(-1_000_001, 6), "-1.000001");
        assert_eq!(price(Price(240_000), 6), "0.24");
    }

    #[test]
    fn times_and_durations_are_readable() {
        assert_eq!(time(3600), "1970-01-01T01:00:00Z");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(61), "1 min 1 s");
        assert_eq!(duration(7260), "2 h 1 min");
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(&["offer", "Wh"]);
        table.row(["1".into(), "1000".into()]);
        assert_eq!(table.to_string(), "  offer    Wh\n  1      1000\n");
    }
}
