type Model = Record<string, unknown>;

const words = [
  { list: false, lines: [[{ text: 'What ' }, { text: 'it', code: true }, { text: 'does', strong: true }]] },
];
const list = [{ list: true, lines: [[{ text: 'One' }], [{ text: 'Another' }]] }];

const field = {
  name: 'attempts',
  type: 'list of Attempt',
  required: true,
  description: words,
  limits: [[{ text: '1 to 200' }], [{ text: '50', code: true }]],
  values: ['"promoter"', '"passive"'],
  example: '"INC123456"',
  inside: { name: 'Attempt', description: list, fields: [{ name: 'number', type: 'number', required: false }] },
};

const problems = [{ status: '404', code: 'not_found', when: [{ text: 'it is not there' }] }];

/** A model for the page of the API, with all its texts. */
export const apiPages: Record<string, Model> = {
  'api-docs/show': {
    title: 'API',
    product: 'Answerback',
    version: '1.0.0',
    introduction: words,
    server: 'https://answers.example.com',
    authentication: words,
    sections: [
      {
        id: 'deliveries',
        name: 'Deliveries',
        description: words,
        operations: [
          {
            id: 'list-deliveries',
            method: 'GET',
            path: '/api/v1/deliveries',
            summary: 'List deliveries',
            description: words,
            open: true,
            pathParameters: [field],
            queryParameters: [field],
            body: { fields: [field] },
            curl: 'curl https://answers.example.com',
            successes: [{ status: '200', description: [{ text: 'A page.' }] }],
            answer: { fields: [field], example: '{}' },
            problems,
            shared: ['400', '401'],
          },
        ],
      },
    ],
    webhooks: [
      {
        id: 'transactional-survey',
        summary: 'A survey was completed',
        description: words,
        headers: [field],
        bodyDescription: words,
        bodies: [{ name: 'SurveyPayload', description: words, fields: [field] }],
        examples: [{ summary: [{ text: 'An answer' }], text: '{}' }],
        answers: [{ status: '200', description: words }],
      },
    ],
    problemFields: [field],
    errors: problems,
  },
};
