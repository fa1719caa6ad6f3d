import { asTyped, formErrors } from './form-errors.js';
import { invalidField, notFound } from './problem.js';

describe('the errors of a form', () => {
  it('are sentences beside their fields', () => {
    expect(formErrors(invalidField('url', 'url: enter the URL to call.'))).toEqual([
      { field: 'url', message: 'Enter the URL to call.' },
    ]);
  });

  it('leave every other error alone', () => {
    const other = notFound('This page');
    expect(() => formErrors(other)).toThrow(other);
  });

  it('stand beside what was typed, as it was typed', () => {
    expect(asTyped({ name: ' Zoë ', code: ['a', 'b'] }, ['name', 'code', 'other'])).toEqual({
      name: ' Zoë ',
      code: '',
      other: '',
    });
    expect(asTyped(undefined, ['name'])).toEqual({ name: '' });
  });
});
