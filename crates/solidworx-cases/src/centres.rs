//! Points, and the centres of clusters of them.

use crate::random::Random;

/// At most so many rounds; k-means on a hundred points settles within ten or so.
const MOST_ROUNDS: usize = 100;

/// A point on the map, kilometres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Eastwards.
    pub x: f64,
    /// Northwards.
    pub y: f64,
}

impl Point {
    /// In a straight line, kilometres.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// Midway.
    #[must_use]
    pub fn middle(self, other: Self) -> Self {
        Self { x: f64::midpoint(self.x, other.x), y: f64::midpoint(self.y, other.y) }
    }
}

/// k-means by Lloyd's rounds from points drawn far apart; at most `count` centres, fewer where there are fewer points.
pub(crate) fn k_means(points: &[Point], count: usize, random: &mut Random) -> Vec<Point> {
    let mut centres = spread(points, count, random);
    for _ in 0..MOST_ROUNDS {
        let mut sums = vec![(0.0, 0.0, 0.0); centres.len()];
        for point in points {
            if let Some(nearest) = nearest(&centres, *point) {
                let (x, y, members) = sums[nearest];
                sums[nearest] = (x + point.x, y + point.y, members + 1.0);
            }
        }
        let moved = centres.iter().zip(sums).map(|(centre, (x, y, members))| {
            if members > 0.0 { Point { x: x / members, y: y / members } } else { *centre }
        });
        let moved: Vec<Point> = moved.collect();
        if moved == centres {
            break;
        }
        centres = moved;
    }
    centres
}

/// Points of which each is the farthest from those before it; the first is drawn.
fn spread(points: &[Point], count: usize, random: &mut Random) -> Vec<Point> {
    let mut chosen: Vec<Point> = Vec::new();
    if points.is_empty() {
        return chosen;
    }
    chosen.push(points[random.place(points.len())]);
    while chosen.len() < count.min(points.len()) {
        let far = |point: &Point| chosen.iter().map(|one| one.distance(*point)).fold(f64::INFINITY, f64::min);
        let farthest = points.iter().max_by(|one, other| far(one).total_cmp(&far(other)));
        chosen.push(*farthest.expect("there are points"));
    }
    chosen
}

fn nearest(centres: &[Point], point: Point) -> Option<usize> {
    let distance = |place: &usize| centres[*place].distance(point);
    (0..centres.len()).min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_clouds_have_three_centres() {
        let mut random = Random::new(1);
        let clouds = [Point { x: 0.0, y: 0.0 }, Point { x: 10.0, y: 0.0 }, Point { x: 0.0, y: 10.0 }];
        let points: Vec<Point> = (0..90)
            .map(|number| {
                let cloud = clouds[number % 3];
                Point { x: cloud.x + random.unit(), y: cloud.y + random.unit() }
            })
            .collect();
        let centres = k_means(&points, 3, &mut random);
        for cloud in clouds {
            let middle = Point { x: cloud.x + 0.5, y: cloud.y + 0.5 };
            assert!(centres.iter().any(|centre| centre.distance(middle) < 0.3), "{centres:?}");
        }
    }
}
