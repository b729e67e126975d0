//! What the jobs read: made up, the same every time.

use std::fmt::Write;

const WORDS: [&str; 24] = [
    "the", "market", "offers", "power", "by", "night", "and", "a", "solver", "finds", "who", "pays", "for", "it",
    "while", "meters", "count", "what", "homes", "consume", "in", "each", "interval", "of",
];

/// A linear congruential generator, Knuth's; good enough to make things up.
struct Numbers(u64);

impl Numbers {
    /// Below `most`, which is small.
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(most)).expect("below a number of 32 bits")
    }
}

/// Words in a row, so many bytes or a few more.
pub fn text(bytes: usize) -> Vec<u8> {
    let (mut numbers, mut text) = (Numbers(1), String::new());
    while text.len() < bytes {
        let word = WORDS[numbers.below(24) as usize];
        text.push_str(word);
        text.push(if numbers.below(12) == 0 { '\n' } else { ' ' });
    }
    text.into_bytes()
}

/// Rows of readings.
pub fn table(rows: u32) -> Vec<u8> {
    let (mut numbers, mut text) = (Numbers(2), "interval,meter,energy_wh\n".to_owned());
    for row in 0..rows {
        let (meter, energy) = (numbers.below(15), numbers.below(900));
        writeln!(text, "{},M{meter:03},{energy}", row / 15).expect("a string takes everything");
    }
    text.into_bytes()
}

/// A picture of overlapping discs, as binary PPM.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut numbers = Numbers(3);
    let discs: Vec<_> = (0..40)
        .map(|_| {
            let colour = [numbers.below(256), numbers.below(256), numbers.below(256)];
            (numbers.below(width), numbers.below(height), 10 + numbers.below(50), colour)
        })
        .collect();
    let mut picture = format!("P6\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            let over = |(left, top, radius, _): &&(u32, u32, u32, [u32; 3])| {
                x.abs_diff(*left).pow(2) + y.abs_diff(*top).pow(2) <= radius.pow(2)
            };
            let [red, green, blue] = discs.iter().rev().find(over).map_or([230; 3], |(.., colour)| *colour);
            picture.extend([red, green, blue].map(|level| u8::try_from(level).expect("below 256")));
        }
    }
    picture
}

/// Things with weights and values that go together, which makes packing them hard.
pub fn items(many: u32) -> Vec<u8> {
    let (mut numbers, mut text) = (Numbers(4), "weight,value\n".to_owned());
    for _ in 0..many {
        let weight = 20 + numbers.below(180);
        let value = weight + numbers.below(60);
        writeln!(text, "{weight},{value}").expect("a string takes everything");
    }
    text.into_bytes()
}
