import { graphql } from 'relay-runtime';

export const query = graphql`
  query CasesQuery($first: Int!, $after: String, $node: ID!) {
    ...Cases_list @arguments(first: $first, after: $after)
    node(id: $node) {
      id
      ... on Case {
        name
        total {
          letters
          asOf
        }
      }
    }
  }
`;

export const list = graphql`
  fragment Cases_list on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "CasesPageQuery") {
    cases(first: $first, after: $after, orderBy: NAME) @connection(key: "Cases_cases") {
      edges {
        node {
          id
          slug
          state
        }
      }
    }
  }
`;

export const watch = graphql`
  subscription CasesSubscription {
    caseChanged(edition: 2021) {
      case {
        id
        state
      }
    }
  }
`;
