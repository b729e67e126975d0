#![doc = include_str!("../README.md")]

mod input;

use std::{fs, io, path::Path};

use jobs::{Bundle, BundleError, DESCRIPTION_PATH, Description, INPUT_FOLDER, MODULE_PATH};

/// A job that is built in.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Its module.
    pub module: &'static [u8],
    /// What it is told.
    pub arguments: Vec<String>,
    /// What it can read, by path below `input/`.
    pub input: Vec<(&'static str, Vec<u8>)>,
}

macro_rules! module {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".wasm"))
    };
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// All of them, each with an input that takes well under a second.
pub fn samples() -> Vec<Sample> {
    vec![
        Sample {
            name: "compress",
            about: "compresses files, and proves that they come back",
            module: module!("compress"),
            arguments: Vec::new(),
            input: vec![("report.txt", input::text(150_000)), ("table.csv", input::table(4_000))],
        },
        Sample {
            name: "blur",
            about: "blurs a picture",
            module: module!("blur"),
            arguments: words(&["discs.ppm", "6"]),
            input: vec![("discs.ppm", input::picture(480, 320))],
        },
        Sample {
            name: "monte-carlo",
            about: "prices an option on an average by Monte Carlo, from a seed",
            module: module!("monte_carlo"),
            arguments: words(&["7", "20000"]),
            input: Vec::new(),
        },
        Sample {
            name: "knapsack",
            about: "packs a knapsack, and proves that there is no better way",
            module: module!("knapsack"),
            arguments: words(&["2500"]),
            input: vec![("items.csv", input::items(60))],
        },
        spin(20),
    ]
}

/// The job of any length: so many million steps, of about ten instructions each.
pub fn spin(millions: u32) -> Sample {
    Sample {
        name: "spin",
        about: "steps through Collatz sequences, for as long as it is told",
        module: module!("spin"),
        arguments: vec![millions.to_string()],
        input: Vec::new(),
    }
}

impl Sample {
    /// As a job.
    pub fn bundle(&self) -> Result<Bundle, BundleError> {
        let mut bundle = Bundle::default();
        for (path, bytes) in self.files() {
            bundle.add_bytes(path.parse()?, bytes)?;
        }
        Ok(bundle)
    }

    /// Writes it as the folder of a job.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in self.files() {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("it is in a folder"))?;
            fs::write(path, bytes)?;
        }
        Ok(())
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            (DESCRIPTION_PATH.to_owned(), Description::wasm(self.arguments.clone()).to_json()),
            (MODULE_PATH.to_owned(), self.module.to_vec()),
        ];
        files.extend(self.input.iter().map(|(path, bytes)| (format!("{INPUT_FOLDER}/{path}"), bytes.clone())));
        files
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use job_runtime::Runner;
    use jobs::{Limits, Outcome, Status};
    use tempfile::TempDir;

    use super::*;

    fn run(sample: &Sample) -> (Outcome, TempDir) {
        let out = tempfile::tempdir().unwrap();
        let runner = Runner { limits: Limits::default(), patience: Duration::from_mins(5) };
        let outcome = runner.run(&sample.bundle().unwrap(), out.path()).unwrap();
        (outcome, out)
    }

    fn printed(name: &str) -> String {
        let sample = samples().into_iter().find(|sample| sample.name == name).unwrap();
        let (outcome, out) = run(&sample);
        let stderr = fs::read_to_string(out.path().join("stderr")).unwrap();
        assert_eq!(outcome.status, Status::Completed, "{stderr}");
        fs::read_to_string(out.path().join("stdout")).unwrap()
    }

    #[test]
    fn a_folder_and_what_is_built_in_are_the_same_job() {
        for sample in samples() {
            let folder = tempfile::tempdir().unwrap();
            sample.write(folder.path()).unwrap();
            let read = Bundle::of_folder(folder.path()).unwrap();
            assert_eq!(read.tree(), sample.bundle().unwrap().tree(), "{}", sample.name);
        }
    }

    #[test]
    fn each_gives_the_same_result_and_count_again() {
        for sample in samples() {
            assert_eq!(run(&sample).0, run(&sample).0, "{}", sample.name);
        }
    }

    #[test]
    fn files_become_smaller_and_come_back() {
        let lines = printed("compress");
        let sizes = |line: &str| -> Vec<f64> { line.split(' ').filter_map(|word| word.parse().ok()).collect() };
        assert_eq!(lines.lines().count(), 2);
        for line in lines.lines() {
            assert!(sizes(line)[1] < 0.7 * sizes(line)[0], "{line}");
        }
    }

    #[test]
    fn a_price_is_near_what_is_known() {
        // Between the price of an option on the geometric mean and that on the last value, by Black and Scholes.
        let line = printed("monte-carlo");
        let price: f64 = line.split([' ', ',']).nth(1).and_then(|word| word.parse().ok()).unwrap();
        assert!((4.6..9.4).contains(&price), "{line}");
    }

    #[test]
    fn a_knapsack_is_packed_best() {
        let sample = samples().into_iter().find(|sample| sample.name == "knapsack").unwrap();
        let text = String::from_utf8(sample.input[0].1.clone()).unwrap();
        let items = text.lines().skip(1).map(|line| line.split_once(',').unwrap());
        let mut best = vec![0_u64; 2501];
        for (weight, value) in
            items.map(|(weight, value)| (weight.parse::<usize>().unwrap(), value.parse::<u64>().unwrap()))
        {
            for room in (weight..best.len()).rev() {
                best[room] = best[room].max(best[room - weight] + value);
            }
        }
        assert!(printed("knapsack").starts_with(&format!("value {} of 60 items", best[2500])));
    }
}
