import { describe, expect, it } from "vitest";
import { aimed, choose, detour, dialled, earliest, lapped, postponed, settled, startCourse, unlisted, updateCourse, type Course } from "../../src/machine/course.ts";

/** A course over a, b, c after so many dials in turn. */
function after(dials: number, endpoints: readonly string[] = ["a", "b", "c"]): Course {
  let course = startCourse(endpoints);
  for (let count = 0; count < dials; count += 1) {
    if (course.left === 0) course = lapped(course);
    course = dialled(course, choose(course, 0) ?? -1);
  }
  return course;
}
/** Who is dialled next, if need be after a wait. */
function name(course: Course, now = 0): string | undefined {
  const ready = course.left === 0 ? lapped(course) : course;
  return ready.endpoints[choose(ready, now) ?? -1];
}

describe("a course", () => {
  it("goes round the list, so that whoever just failed is last", () => {
    expect([0, 1, 2, 3, 4].map((dials) => name(after(dials)))).toEqual(["a", "b", "c", "a", "b"]);
  });

  it("lets nobody wait until every endpoint was tried once", () => {
    expect([0, 1, 2, 3, 4].map((dials) => after(dials).left)).toEqual([3, 2, 1, 0, 2]);
  });

  it("starts a full lap after the wait, and counts it", () => {
    expect(lapped(after(3))).toMatchObject({ left: 3, lap: 1, attempt: 3, next: 0 });
  });

  it("counts dials from one stable connection to the next", () => {
    expect(after(5).attempt).toBe(5);
    expect(settled(after(5), "b").attempt).toBe(0);
  });

  it("takes the loss of a stable connection for that endpoint's try in a fresh lap", () => {
    expect(settled(lapped(after(4)), "a")).toMatchObject({ left: 2, lap: 0, attempt: 0 });
    expect(name(settled(after(1), "a"))).toBe("b");
    expect(name(settled(after(2), "a"))).toBe("b"); // b was dialled as well, and a was faster.
  });

  it("makes a lone endpoint wait before its first redial", () => {
    expect(settled(after(1, ["a"]), "a").left).toBe(0);
  });

  it("passes over an endpoint that asked for a pause, until it is over", () => {
    const course = postponed(startCourse(["a", "b", "c"]), "a", 100);
    expect([0, 99, 100].map((now) => name(course, now))).toEqual(["b", "b", "a"]);
  });

  it("counts an endpoint that it passed over as tried in this lap, or others would be dialled twice", () => {
    const course = postponed(startCourse(["a", "b", "c"]), "a", 100);
    expect(dialled(course, choose(course, 0) ?? -1)).toMatchObject({ next: 2, left: 1, attempt: 1 });
  });

  it("dials nobody twice in a lap, even where all others ask for a pause", () => {
    const course = postponed(after(2), "c", 100);
    expect([0, 99, 100].map((now) => choose(course, now))).toEqual([undefined, undefined, 2]);
  });

  it("has nobody to dial when all of them asked for a pause, and knows when the first one ends", () => {
    const course = postponed(postponed(startCourse(["a", "b"]), "a", 300), "b", 200);
    expect(choose(course, 199)).toBeUndefined();
    expect(earliest(course)).toBe(200);
    expect(earliest(startCourse(["a", "b"]))).toBe(0);
    expect(earliest(startCourse([]))).toBe(0);
  });

  it("forgets pauses once a connection was stable", () => {
    expect(name(settled(postponed(after(1), "b", 1_000), "a"))).toBe("b");
  });
});

describe("a round of a course", () => {
  it("is over when every endpoint was dialled once", () => {
    expect([0, 2, 3, 5, 6].map((dials) => after(dials).round)).toEqual([0, 0, 1, 1, 2]);
  });

  it("is as long as the list after the loss of a stable connection, too, though the lap is shorter", () => {
    let course = settled(after(4), "a");
    const rounds: number[] = [];
    for (let dial = 0; dial < 6; dial += 1) {
      if (course.left === 0) course = lapped(course);
      course = dialled(course, choose(course, 0) ?? -1);
      rounds.push(course.round);
    }
    expect(rounds).toEqual([0, 0, 1, 1, 1, 2]);
  });

  it("has seen those that asked for a pause, whether somebody was dialled instead or the lap ended", () => {
    const course = postponed(startCourse(["a", "b", "c"]), "a", 100);
    expect(dialled(course, 1)).toMatchObject({ round: 0, tried: 2 });
    expect(lapped(postponed(after(2), "c", 100))).toMatchObject({ round: 1, tried: 0 });
  });

  it("is over when the source has no list", () => {
    expect(unlisted(after(4))).toMatchObject({ left: 0, attempt: 5, round: 2, tried: 0 });
    expect(unlisted(startCourse([])).round).toBe(1);
  });

  it("is over when a fresh list is not longer than what it has seen", () => {
    expect(updateCourse(after(2), ["b", "c"])).toMatchObject({ round: 1, tried: 0 });
    expect(updateCourse(after(2), ["b", "c", "d"])).toMatchObject({ round: 0, tried: 2 });
  });
});

describe("a course with a fresh list", () => {
  it("starts a full lap with the first list of all", () => {
    expect(updateCourse(startCourse([]), ["a", "b"])).toMatchObject({ left: 2, next: 0 });
  });

  it("goes on after the endpoint dialled last, wherever it stands now", () => {
    expect(name(updateCourse(after(2), ["b", "c", "a"]))).toBe("c");
    expect(name(updateCourse(after(2), ["c", "a", "b"]))).toBe("c");
    expect(name(updateCourse(after(1), ["c", "a"]))).toBe("c");
  });

  it("goes on after the endpoint that a stable connection was lost to", () => {
    expect(name(updateCourse(settled(after(1), "a"), ["b", "c", "a"]))).toBe("b");
    expect(name(updateCourse(settled(after(1, ["a", "b"]), "a"), ["b", "a"]))).toBe("b");
  });

  it("keeps its place where the endpoint dialled last is gone", () => {
    expect(name(updateCourse(after(2), ["x", "y", "z"]))).toBe("z");
    expect(name(updateCourse(after(2), ["x"]))).toBe("x");
  });

  it("does not let a source of ever-new names abolish the wait", () => {
    let course = updateCourse(startCourse([]), ["a"]);
    course = dialled(course, 0);
    expect(updateCourse(course, ["b", "c", "d"]).left).toBe(0);
  });

  it("keeps a pause an endpoint asked for as long as it is listed", () => {
    const course = postponed(postponed(after(1), "b", 500), "gone", 500);
    expect(updateCourse(course, ["a", "b"]).notBefore).toEqual({ b: 500 });
  });

  it("makes a detour that begins behind where we are and goes over all the others", () => {
    let course = detour(after(1), "b");
    const visited: (string | undefined)[] = [];
    for (let index = choose(course, 0, (name) => name !== "b"); index !== undefined; index = choose(course, 0, (name) => name !== "b")) {
      visited.push(course.endpoints[index]);
      course = dialled(course, index);
    }
    expect(visited).toEqual(["c", "a"]);
  });

  it("begins a detour from somewhere that is not in the list any more at its head", () => {
    expect(detour(after(2), "z")).toMatchObject({ next: 0, left: 3 });
  });

  it("aims at one endpoint, or at none that is not in the list", () => {
    expect([aimed(after(1), "c"), aimed(after(1), "z")]).toMatchObject([{ next: 2, left: 1 }, { next: 0, left: 0 }]);
  });

  it("does not count the pause of the one it leaves out", () => {
    const course = postponed(after(1, ["a", "b"]), "b", 7_000);
    expect([earliest(course), earliest(course, (name) => name !== "a")]).toEqual([0, 7_000]);
  });
});
