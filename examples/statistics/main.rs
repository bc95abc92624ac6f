//! Mean, median and percentiles of numbers that nobody else should see, salaries for example.
//!
//! {"values": [31000, 42500, 28750]}  →  {"count":3,"mean":34083.33,"median":31000,"p90":42500,"max":42500}
//!
//! std only: it compiles with rustc alone (see build.mk).

use std::io::Read;

/// The numbers of the list `"values"` in a JSON document, or why there are none. Nothing else of the
/// document is looked at.
fn values(document: &str) -> Result<Vec<f64>, String> {
    let start = document.find("\"values\"").ok_or("\"values\" is missing")?;
    let rest = document[start + "\"values\"".len()..].trim_start();
    let rest = rest.strip_prefix(':').ok_or("\"values\" has no value")?.trim_start();
    let list = rest.strip_prefix('[').ok_or("\"values\" must be a list of numbers")?;
    let end = list.find(']').ok_or("the list does not end")?;
    list[..end]
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("not a number: {}", text.replace(['"', '\\'], "'"))),
        })
        .collect()
}

/// The smallest value that at least `percent` of all do not exceed (nearest rank).
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (percent * sorted.len() + 99) / 100;
    sorted[rank.max(1) - 1]
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn summary(mut numbers: Vec<f64>) -> Result<String, String> {
    if numbers.is_empty() {
        return Err("the list is empty".into());
    }
    numbers.sort_by(f64::total_cmp);
    Ok(format!(
        "{{\"count\":{},\"mean\":{},\"median\":{},\"p90\":{},\"max\":{}}}",
        numbers.len(),
        rounded(numbers.iter().sum::<f64>() / numbers.len() as f64),
        percentile(&numbers, 50),
        percentile(&numbers, 90),
        numbers[numbers.len() - 1]
    ))
}

fn main() {
    let mut document = String::new();
    let result = match std::io::stdin().read_to_string(&mut document) {
        Ok(_) => values(&document).and_then(summary),
        Err(_) => Err("the input is not UTF-8".into()),
    };
    match result {
        Ok(line) => println!("{line}"),
        Err(why) => println!("{{\"error\":\"{}\"}}", why.replace('"', "'")),
    }
}
