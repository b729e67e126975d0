//! Case studies by name.

use std::fs;

use households::Trace;
use solidworx_cases::{Carpool, carpool, energy, food};

use crate::{
    cli::{Case, CaseName},
    exit::Failure,
};

/// A case, and of a carpool its map.
pub struct Read {
    pub name: &'static str,
    pub case: solidworx_cases::Case,
    pub map: Option<Carpool>,
    /// Where the offers are those of a trace, one cycle an interval.
    pub trace: Option<Trace>,
}

/// The case that the words name.
pub fn read(words: &Case) -> Result<Read, Failure> {
    if words.data.is_some() && words.name != CaseName::Energy {
        return Err(Failure::Usage("--data is for energy; the others are drawn from --seed".to_owned()));
    }
    Ok(match words.name {
        CaseName::Carpool => {
            let carpool = carpool(words.seed);
            Read { name: "carpool", case: carpool.case.clone(), map: Some(carpool), trace: None }
        }
        CaseName::Food => Read { name: "food", case: food(words.seed), map: None, trace: None },
        CaseName::Energy => {
            let Some(file) = &words.data else {
                return Err(Failure::Usage("energy needs --data, a trace of offers".to_owned()));
            };
            let named = file.display().to_string();
            let text = fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{named}: {error}")))?;
            let trace = Trace::parse(&named, &text).map_err(|error| Failure::Usage(error.to_string()))?;
            Read { name: "energy", case: energy(&trace), map: None, trace: Some(trace) }
        }
    })
}
