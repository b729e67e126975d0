//! What a meter read, as CSV: `interval,net_wh`.

use units::IntervalIndex;

/// Energy produced minus consumed, Wh, by interval, in the file's order, of one interval at least. Every error names its
/// line and cause.
pub fn parse(text: &str) -> Result<Vec<(IntervalIndex, i64)>, String> {
    let readings = rows(text)?;
    if readings.is_empty() { Err("there are no readings in it".into()) } else { Ok(readings) }
}

/// Like [`parse`], of no intervals as well.
pub fn rows(text: &str) -> Result<Vec<(IntervalIndex, i64)>, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(true).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?;
    if header.iter().ne(["interval", "net_wh"]) {
        return Err("line 1: the columns are not interval,net_wh".into());
    }
    let mut readings: Vec<(IntervalIndex, i64)> = Vec::new();
    for (place, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(place as u64 + 2, csv::Position::line);
        let (interval, net) = reading(&record).map_err(|reason| format!("line {line}: {reason}"))?;
        if readings.iter().any(|(known, _)| *known == interval) {
            return Err(format!("line {line}: interval {interval} occurs twice"));
        }
        readings.push((interval, net));
    }
    Ok(readings)
}

fn reading(record: &csv::StringRecord) -> Result<(IntervalIndex, i64), String> {
    let (Some(interval), Some(net), 2) = (record.get(0), record.get(1), record.len()) else {
        return Err(format!("{} fields, where an interval and its net Wh are two", record.len()));
    };
    let interval = interval.parse().map_err(|_| format!("'{interval}' is no interval"))?;
    // Within what a contract's amounts hold, so that no sum overflows.
    let net: i32 = net.parse().map_err(|_| format!("'{net}' is no whole number of Wh within 31 bits"))?;
    Ok((IntervalIndex(interval), net.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_signed_and_in_order() {
        let readings = parse("interval,net_wh\n3,-250\n 4 , 100\n").expect("readings");
        assert_eq!(readings, [(IntervalIndex(3), -250), (IntervalIndex(4), 100)]);
    }

    #[test]
    fn a_broken_line_is_named() {
        let refused = |text: &str| parse(text).expect_err("refused");
        assert!(refused("").contains("columns"));
        assert!(refused("interval;net_wh\n").contains("columns"));
        assert!(refused("interval,net_wh\n").contains("no readings"));
        assert!(refused("interval,net_wh\n1,2\n2\n").starts_with("line 3: 1 fields"));
        assert!(refused("interval,net_wh\n1,2,3\n").starts_with("line 2: 3 fields"));
        assert!(refused("interval,net_wh\n-1,2\n").contains("'-1' is no interval"));
        assert!(refused("interval,net_wh\n1,2.5\n").contains("'2.5' is no whole number"));
        assert!(refused("interval,net_wh\n1,2\n1,3\n").contains("line 3: interval 1 occurs twice"));
    }
}
