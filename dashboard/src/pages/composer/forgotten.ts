/** Whether a text speaks of an attached file, in twelve languages. Quoted lines are somebody else's words. */
const WORDS =
  /\battach(?:ed|ment|ing)?\b|\benclosed\b|\bangehängt|\bim anhang\b|\banbei\b|\bpi[eè]ce jointe\b|\bci-joint|\badjunt|\ballegat[oi]\b|\bin allegato\b|\bem anexo\b|\banexo\b|\bbijlage\b|\bbijgevoegd\b|\bzałącz|\bvedhæftet\b|\bbifoga|\bliitteenä\b|\bприкреп|\bво вложении\b|添付|附件|첨부|مرفق/iu;

export function speaksOfFile(text: string): boolean {
  return WORDS.test(text.replace(/^>.*$/gm, ""));
}
