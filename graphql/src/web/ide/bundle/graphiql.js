// What the page needs of GraphiQL and React, as one global name.

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

export { createElement, createGraphiQLFetcher, createRoot, GraphiQL };
