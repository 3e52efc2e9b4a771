import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/widgets.css";
import "./styles/topology.css";
import "./styles/rules.css";
import { render } from "preact";
import { App } from "./app";
import { applyTheme } from "./theme";

applyTheme();
const root = document.getElementById("console");
if (root) render(<App />, root);
