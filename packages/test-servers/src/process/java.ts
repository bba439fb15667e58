/** Where Debian has Java and its compiler; `JAVA_PATH` and `JAVAC_PATH` name others, here as in scripts/provide.ts. */
export const java: string = process.env["JAVA_PATH"] ?? "/usr/bin/java";
export const javac: string = process.env["JAVAC_PATH"] ?? "/usr/bin/javac";
