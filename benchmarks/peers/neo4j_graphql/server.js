// GraphQL by @neo4j/graphql and Apollo on a graph of MIKO's in Neo4j: node server.js BOLT_URL PORT

import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { Neo4jGraphQL } from "@neo4j/graphql";
import neo4j from "neo4j-driver";

// `@vector` takes no number of hits, and asks the index for 4. `hits` is what its users are left
// with: Cypher by hand, that asks the index for more and filters what comes back.
const typeDefs = `
  type Post @node {
    id: ID!
    text: String!
    source: String!
    hashtags: [String!]!
    image_uris: [String!]!
    image_description: String!
    labels: [String!]!
    intentions: [Intention!]! @relationship(type: "HAS_INTENTION", direction: OUT)
  }

  type Intention @node @vector(indexes: [{
    indexName: "intention_embedding", embeddingProperty: "embedding", queryName: "intentionsNear"
  }]) {
    id: ID!
    relation: String!
    text: String!
    posts: [Post!]! @relationship(type: "HAS_INTENTION", direction: IN)
  }

  type Hit {
    id: ID!
    relation: String!
    text: String!
    score: Float!
  }

  type Query {
    hits(
      vector: [Float!]!, candidates: Int!, first: Int!, relation: String, label: String
    ): [Hit!]! @cypher(columnName: "hit", statement: """
      CALL db.index.vector.queryNodes('intention_embedding', toInteger($candidates), $vector)
      YIELD node, score
      WHERE ($relation IS NULL OR node.relation = $relation)
      AND ($label IS NULL OR EXISTS {
        (node)<-[:HAS_INTENTION]-(post:Post) WHERE $label IN post.labels
      })
      WITH node, score ORDER BY score DESC, node.id LIMIT toInteger($first)
      RETURN {id: node.id, relation: node.relation, text: node.text, score: score} AS hit
    """)
  }
`;

const [url, port] = process.argv.slice(2);
const driver = neo4j.driver(url);
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const server = new ApolloServer({ schema });
await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });
