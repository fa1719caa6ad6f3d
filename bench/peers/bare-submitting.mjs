/**
 * The bare limit of taking an answer: node:http and pg, and in one transaction the two inserts without which there is no
 * answer and no event. No session, no checks, no page, no names of codes, no one-time id.
 */
import { createServer } from 'node:http';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
await pool.query(`create table if not exists bare_response (
  id bigint generated always as identity primary key, link text not null, overall integer not null, factors text[] not null,
  comments text not null, completed_at timestamptz not null default clock_timestamp())`);
await pool.query(`create table if not exists bare_event (
  id bigint generated always as identity primary key, response_id bigint not null, snapshot json not null)`);

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    save(request.url, new URLSearchParams(Buffer.concat(chunks).toString())).then(
      () => response.writeHead(303, { location: `${request.url}/thank-you` }).end(),
      () => response.writeHead(500).end(),
    );
  });
});

async function save(link, form) {
  const answer = {
    overall: Number(form.get('overall')),
    factors: form.getAll('factors'),
    comments: form.get('comments'),
  };
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query({
      name: 'response',
      text: 'insert into bare_response (link, overall, factors, comments) values ($1, $2, $3, $4) returning id',
      values: [link, answer.overall, answer.factors, answer.comments],
    });
    await client.query({
      name: 'event',
      text: 'insert into bare_event (response_id, snapshot) values ($1, $2)',
      values: [rows[0].id, JSON.stringify({ id: rows[0].id, link, ...answer })],
    });
    await client.query('commit');
  } finally {
    client.release();
  }
}

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('SIGTERM', () => process.exit());
process.on('disconnect', () => process.exit());
