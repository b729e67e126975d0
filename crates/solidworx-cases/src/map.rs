//! The map of a carpool, as figure 6.5 has it, with who rides with whom.

use solidworx::Assignment;

use crate::{Carpool, Point, bars::push};

/// Kilometres from the middle of the map to its edge.
const EDGE: f64 = 19.0;
/// Pixels a kilometre.
const SCALE: f64 = 22.0;

/// A picture: drivers red, riders green, garages blue, pick-up points yellow; lines are the ways of those who share one.
pub fn map_svg(carpool: &Carpool, assignments: &[Assignment]) -> String {
    let size = 2.0 * EDGE * SCALE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" font-family=\"sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let home = |offer| carpool.people.iter().find(|person| person.offer == Some(offer)).map(|person| person.home);
    for assignment in assignments {
        let (_, pickup, garage) = Carpool::parts(assignment.resource_type);
        let (Some(pickup), Some(garage)) = (carpool.pickups.get(pickup), carpool.garages.get(garage)) else { continue };
        for (offer, colour) in [(assignment.providing_offer, "#c0392b"), (assignment.consuming_offer, "#3a9b4b")] {
            if let Some(home) = home(offer) {
                line(&mut svg, home, *pickup, colour);
            }
        }
        line(&mut svg, *pickup, *garage, "#2a5db0");
    }
    for person in &carpool.people {
        dot(&mut svg, person.home, 4.0, if person.drives { "#c0392b" } else { "#3a9b4b" });
    }
    carpool.pickups.iter().for_each(|pickup| dot(&mut svg, *pickup, 5.0, "#e2b007"));
    carpool.garages.iter().for_each(|garage| dot(&mut svg, *garage, 6.0, "#2a5db0"));
    let legend = "drivers red, riders green, pick-up points yellow, garages blue";
    push(&mut svg, format_args!("<text x=\"10\" y=\"20\" font-size=\"13\">{legend}</text>"));
    svg.push_str("</svg>\n");
    svg
}

fn place(point: Point) -> (f64, f64) {
    ((point.x + EDGE) * SCALE, (EDGE - point.y) * SCALE)
}

fn dot(svg: &mut String, point: Point, radius: f64, colour: &str) {
    let (x, y) = place(point);
    push(svg, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>"));
}

fn line(svg: &mut String, from: Point, to: Point, colour: &str) {
    let ((x1, y1), (x2, y2)) = (place(from), place(to));
    let ends = format!("x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"");
    push(svg, format_args!("<line {ends} stroke=\"{colour}\" stroke-width=\"1.2\" opacity=\"0.7\"/>"));
}
