//! Comma-separated tables whose every fault names its line.

use std::collections::BTreeSet;

use crate::{DataError, Problem};

/// The largest amount of energy that the contract holds in a word of 32 bits and does not read as "no limit", Wh.
pub(crate) const MOST_ENERGY: u64 = 0xffff_fffe;
/// The last interval that the contract's 24 bits hold and that still has one after it.
const LAST_INTERVAL: u32 = 0x00ff_fffe;

/// A table with a header; fields are trimmed, none is quoted.
pub(crate) struct Table<'a> {
    file: &'a str,
    header: Vec<&'a str>,
    pub(crate) rows: Vec<Row<'a>>,
}

/// One line under the header.
pub(crate) struct Row<'a> {
    pub(crate) line: usize,
    fields: Vec<&'a str>,
}

/// A column that the header has.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a> {
    name: &'a str,
    place: usize,
}

impl<'a> Table<'a> {
    /// Reads a table; `expected` is the header to show where the file's own is no help.
    pub(crate) fn read(file: &'a str, text: &'a str, expected: &str) -> Result<Self, DataError> {
        let mut lines =
            text.trim_start_matches('\u{feff}').lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
        let header: Vec<&str> = lines.next().map(|(text, _)| split(text)).unwrap_or_default();
        let mut table = Self { file, header, rows: Vec::new() };
        let mut seen = BTreeSet::new();
        if let Some(column) = table.header.iter().find(|column| !seen.insert(**column)) {
            return Err(table.at(1, Problem::RepeatedColumn { column: (*column).to_owned() }));
        }
        for (text, line) in lines {
            let fields = split(text);
            if fields.len() != table.header.len() {
                let problem = Problem::FieldCount {
                    found: fields.len(),
                    expected: table.header.len(),
                    header: table.header.join(","),
                };
                return Err(table.at(line, problem));
            }
            table.rows.push(Row { line, fields });
        }
        if table.rows.is_empty() {
            return Err(table.at(1, Problem::NoRows { header: expected.to_owned() }));
        }
        Ok(table)
    }

    /// The column of that name.
    pub(crate) fn column(&self, name: &'a str, expected: &str) -> Result<Column<'a>, DataError> {
        match self.header.iter().position(|column| *column == name) {
            Some(place) => Ok(Column { name, place }),
            None => Err(self.at(1, Problem::MissingColumn { column: name.to_owned(), header: expected.to_owned() })),
        }
    }

    /// All columns but those named.
    pub(crate) fn columns_without<'s>(&'s self, named: &'s [&str]) -> impl Iterator<Item = Column<'a>> + 's {
        let all = self.header.iter().enumerate().map(|(place, name)| Column { name, place });
        all.filter(|column| !named.contains(&column.name))
    }

    /// An error at a line of this table.
    pub(crate) fn at(&self, line: usize, problem: Problem) -> DataError {
        DataError { file: self.file.to_owned(), line, problem }
    }

    /// A field that must not be empty.
    pub(crate) fn word(&self, row: &Row<'a>, column: Column<'_>) -> Result<&'a str, DataError> {
        let found = row.get(column);
        if found.is_empty() { Err(self.bad(row, column, "a name")) } else { Ok(found) }
    }

    /// A field in whole watt-hours.
    pub(crate) fn watt_hours(&self, row: &Row<'a>, column: Column<'_>) -> Result<u64, DataError> {
        let number = row.get(column).parse().ok().filter(|wh| *wh <= MOST_ENERGY);
        number.ok_or_else(|| self.bad(row, column, "a whole number of watt-hours, 0 to 2^32 - 2"))
    }

    /// A field that numbers an interval.
    pub(crate) fn interval(&self, row: &Row<'a>, column: Column<'_>) -> Result<u32, DataError> {
        let number = row.get(column).parse().ok().filter(|interval| *interval <= LAST_INTERVAL);
        number.ok_or_else(|| self.bad(row, column, "an interval's number, 0 to 2^24 - 2"))
    }

    /// A decimal field in thousandths, rounded to the nearest; empty counts as 0.
    pub(crate) fn thousandths(&self, row: &Row<'a>, column: Column<'_>) -> Result<u64, DataError> {
        let found = row.get(column);
        let number: Option<f64> = if found.is_empty() { Some(0.0) } else { found.parse().ok() };
        let number = number.filter(|number| (0.0..=1e6).contains(number));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1e9")]
        let thousandths = number.map(|number| (number * 1000.0).round() as u64);
        thousandths.ok_or_else(|| self.bad(row, column, "a decimal number, 0 to 1000000"))
    }

    /// The complaint about one field.
    pub(crate) fn bad(&self, row: &Row<'a>, column: Column<'_>, expected: &'static str) -> DataError {
        let (column, found) = (column.name.to_owned(), row.get(column).to_owned());
        self.at(row.line, Problem::BadField { column, found, expected })
    }
}

impl<'a> Row<'a> {
    /// A field as it stands.
    pub(crate) fn get(&self, column: Column<'_>) -> &'a str {
        self.fields.get(column.place).copied().expect("every row has as many fields as the header")
    }
}

impl<'a> Column<'a> {
    /// Its name in the header.
    pub(crate) fn name(self) -> &'a str {
        self.name
    }
}

fn split(line: &str) -> Vec<&str> {
    line.split(',').map(str::trim).collect()
}
