// Plain text tables: each column as wide as its widest cell.

/** `columns`: { title, right }. `rows`: arrays of strings. */
export function formatTable(columns, rows) {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells) =>
    cells
      .map((cell, i) => (columns[i].right ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join('\n');
}

export const formatCount = (number) => number.toLocaleString('en-US');

/** A decimal string in USD, to a hundredth of a cent: what one request costs is below a cent. */
export const formatUsd = (decimal) => {
  const amount = Number(decimal);
  return `${amount < 0 ? '-' : ''}$${Math.abs(amount).toFixed(4)}`;
};
