//! The report as text for a terminal.

use crate::{BillFigures, DayReport};

/// How wide the label column of the summary is, characters.
const LABEL: usize = 26;
/// How wide the value column of the summary is, characters.
const VALUE: usize = 44;

/// The report as a boxed table, and under it one row for each prosumer. Ends with a line feed.
pub fn table(report: &DayReport) -> String {
    let share = report.traded_per_myriad();
    let rows = [
        ("data", report.data.clone()),
        ("prosumers", grouped(report.prosumers as u64)),
        ("intervals", grouped(report.intervals as u64)),
        ("offers", grouped(report.offers as u64)),
        ("offered for sale", kwh(report.offered_sell_wh)),
        ("asked for", kwh(report.offered_buy_wh)),
        ("traded", kwh(report.traded_wh)),
        ("optimum with hindsight", kwh(report.optimum_wh)),
        ("traded of the optimum", format!("{}.{:02} %", share / 100, share % 100)),
        ("violations", grouped(report.violations)),
        ("missed intervals", grouped(report.missed_intervals)),
        ("gas, all transactions", grouped(report.gas_total)),
    ];
    let mut lines = vec![rule('┌', '┬', '┐', &[LABEL, VALUE])];
    lines.extend(rows.iter().flat_map(|(label, value)| summary(label, value)));
    for (solver, solutions) in &report.solutions_by_solver {
        lines.extend(summary(&format!("solutions by {solver}"), &grouped(*solutions)));
    }
    lines.push(rule('└', '┴', '┘', &[LABEL, VALUE]));
    if !report.bills.is_empty() {
        lines.extend(bills(report));
    }
    lines.join("\n") + "\n"
}

fn summary(label: &str, value: &str) -> Vec<String> {
    let (label, value) = (wrapped(label, LABEL), wrapped(value, VALUE));
    let line = |at: usize| {
        let cell = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
        format!("│ {:<LABEL$} │ {:>VALUE$} │", cell(&label), cell(&value))
    };
    (0..label.len().max(value.len())).map(line).collect()
}

fn bills(report: &DayReport) -> Vec<String> {
    let symbol = &report.token.symbol;
    let heads = [
        "prosumer".to_owned(),
        "sold kWh".to_owned(),
        format!("earned {symbol}"),
        "bought kWh".to_owned(),
        format!("paid {symbol}"),
        "from DSO kWh".to_owned(),
        "to DSO kWh".to_owned(),
        format!("DSO bill {symbol}"),
    ];
    let money = |amount| report.token.format(amount, 2);
    let unsigned = |amount: u128| money(i128::try_from(amount).unwrap_or(i128::MAX));
    let cells = |bill: &BillFigures| {
        [
            bill.prosumer.clone(),
            bare_kwh(bill.sold_wh),
            unsigned(bill.earned),
            bare_kwh(bill.bought_wh),
            unsigned(bill.paid),
            bare_kwh(bill.from_dso_wh),
            bare_kwh(bill.to_dso_wh),
            money(bill.bill),
        ]
    };
    let rows: Vec<[String; 8]> = report.bills.iter().map(cells).collect();
    let width = |at: usize| {
        let column = rows.iter().chain([&heads]).map(|row| row[at].chars().count());
        column.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |row: &[String; 8]| {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            0 => format!(" {cell:<width$} "),
            _ => format!(" {cell:>width$} "),
        });
        format!("│{}│", cells.collect::<Vec<_>>().join("│"))
    };
    let mut lines = vec![rule('┌', '┬', '┐', &widths), line(&heads), rule('├', '┼', '┤', &widths)];
    lines.extend(rows.iter().map(line));
    lines.push(rule('└', '┴', '┘', &widths));
    lines
}

fn rule(left: char, middle: char, right: char, widths: &[usize]) -> String {
    let bars: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
    format!("{left}{}{right}", bars.join(&middle.to_string()))
}

/// Pieces of at most `width` characters, at least one.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    if characters.is_empty() {
        return vec![String::new()];
    }
    characters.chunks(width).map(|piece| piece.iter().collect()).collect()
}

fn kwh(energy: u64) -> String {
    format!("{} kWh", bare_kwh(energy))
}

fn bare_kwh(energy: u64) -> String {
    format!("{}.{:03}", grouped(energy / 1000), energy % 1000)
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let pieces: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|piece| str::from_utf8(piece).ok()).collect();
    pieces.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> DayReport {
        DayReport {
            data: "a folder whose name is longer than the column that it has to stand in".to_owned(),
            traded_wh: 1_234_567,
            optimum_wh: 1_234_567,
            solutions_by_solver: [("solver with a long name 0xabcdef".to_owned(), 40)].into(),
            bills: vec![BillFigures { prosumer: "P101".to_owned(), bill: -1_234_567, ..BillFigures::default() }],
            ..DayReport::default()
        }
    }

    #[test]
    fn every_line_of_a_box_is_as_wide_as_its_frame() {
        let text = table(&report());
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        let edge = text.lines().position(|line| line.starts_with('└')).unwrap();
        assert!(widths[..=edge].iter().all(|width| *width == widths[0]), "{text}");
        assert!(widths[edge + 1..].iter().all(|width| *width == widths[edge + 1]), "{text}");
    }

    #[test]
    fn figures_are_grouped_and_money_is_in_tokens() {
        let text = table(&report());
        for part in ["1,234.567 kWh", "100.00 %", "DSO bill EUR", "-1.23"] {
            assert!(text.contains(part), "{text} lacks {part}");
        }
    }
}
